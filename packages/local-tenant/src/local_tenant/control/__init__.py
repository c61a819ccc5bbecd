"""Test controls, on a path of their own (/_local): what a test may ask of this tenant and of no other."""
