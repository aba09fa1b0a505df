"""Cash: from the buyer's hand to the bank, counted at every change of hands."""
