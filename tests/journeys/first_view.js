// What the page took until something of it was seen. Times are milliseconds from the tap that led here.
async () => {
  const largest = await new Promise((done) => {
    new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime)).observe({
      type: "largest-contentful-paint",
      buffered: true,
    });
  });
  const [page] = performance.getEntriesByType("navigation");
  const parts = performance.getEntriesByType("resource");
  const first = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  const path = (entry) => entry.name.replace(location.origin, "").split("?")[0];
  const styles = parts.filter((part) => part.name.includes(".css"));
  const travelled = (part) => part.transferSize > 0;
  return {
    size_bytes: page.encodedBodySize + styles.reduce((sum, part) => sum + part.encodedBodySize, 0),
    html_bytes: page.encodedBodySize,
    came_bytes: page.encodedBodySize + styles.filter(travelled).reduce((sum, part) => sum + part.encodedBodySize, 0),
    redirects: page.redirectCount,
    before: parts.filter((part) => part.responseEnd <= first && travelled(part)).map(path),
    blocking: parts.filter((part) => part.renderBlockingStatus === "blocking").map(path),
    line_ms: Math.max(page.responseEnd, ...styles.map((part) => part.responseEnd)),
    fcp_ms: first,
    lcp_ms: largest,
  };
}
