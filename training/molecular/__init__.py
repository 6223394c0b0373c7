"""Molecular prompting: gene sets asked of an H&E field (methods sheet, section 4)."""
