"""What a hall can set, what is wrong with it in sentences, and what one process is told."""
