"""How the names model was made and how it is measured. Not needed to run the product."""
