"""What is said and heard: words, the voice that says them, the sound, and the loudspeaker."""
