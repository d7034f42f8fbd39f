"""What ``tests.journeys.under_fire`` is made of: a clinic that runs, its far ends that count, and the reckoning."""
