"""What a form is: its tables and rules, its layout, its computed cells, its catalogue of rules."""
