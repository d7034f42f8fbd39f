"""Our files before judges who do not know our code, and other people's files before ours."""
