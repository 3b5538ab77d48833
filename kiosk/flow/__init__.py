"""The screens as a pure state machine: touches, answers, ratings, what may be done when."""
