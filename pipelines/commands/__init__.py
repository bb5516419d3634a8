"""The commands of `mic`, one idea to a module.

A command reads its options, calls one plain function of the package and says what came of it. What a command does
belongs to that function, not here; `console` holds how it is shown, `failures` how a failure is told.
"""
