"""The hall display: shows and says which number goes to which desk.

Knows the server by its protocol and its client only.
"""
