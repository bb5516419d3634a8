"""One defect per case of the catalogue of bad inputs, and the verdicts expected."""
