"""The files that ``frankly init`` copies, for an operator to edit."""
