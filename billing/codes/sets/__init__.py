"""Code sets that were loaded from their publishers' own files, next to the ones that come along.

Law: a set holds from the day on which its publisher put it in force until the next one of its kind begins, and for
days before the first loaded one what comes along counts. Nothing that was loaded is ever changed: a new edition is a
new file beside the old ones.

The sets lie compiled in a folder that every process of an installation reads; a small list says which there are, and
is replaced in one stroke. So a new edition is seen by running processes within a second, whole or not at all.
"""
