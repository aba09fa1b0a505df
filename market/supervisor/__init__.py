"""`market up`: the whole market on one machine, kept running by one process.

- `folder`: the data folder, its one owner, its pid files and what an earlier owner left behind.
- `services`: what runs, how each is started and how it is known to answer.
- `keep`: starts what dies again, later each time. `run`: all of it in order, from nothing to ready to gone.
"""
