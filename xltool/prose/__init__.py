"""What units write in Chinese: numbers, quantities, target values, estimates, and flaws of writing."""
