"""What every part of the hall shares and nobody owns: fonts, icons, colours, texts, catalogue, windows.

It imports no other part of ours and does no more I/O than reading its own files.
"""
