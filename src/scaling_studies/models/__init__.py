"""What a law is made of: parameters, axes, forms with their derivatives, schedules."""
