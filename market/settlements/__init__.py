"""Settlements: what each shop is owed for a week, approved by two, and paid once; and its invoices."""
