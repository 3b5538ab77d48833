"""What each role sees: one file a role. A view is whole: a client that missed any number of changes is right again with
the next one. Long lists are cut.
"""
