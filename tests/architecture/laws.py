"""The laws of the house that no type checker knows, each as a question to the source tree.

A law returns what breaks it, as ``file:line  what``; an empty list means that it holds. Being pure,
a law can be asked about a tree that was spoilt on purpose: ``test_the_laws_bite`` does, for each.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from tests.architecture.tree import Module, Tree

Law = Callable[[Tree], list[str]]

LONGEST_MODULE = 300
LONGEST_FUNCTION = 60

COMMITTING = ("billing/database.py",)
MIGRATING = ("billing/operations/schema.py",)
LOADED_WHEN_USED = {
    "billing/wiring.py": ("billing.adapters.",),
    "billing/operations/schema.py": ("billing.operations.migrating",),
}
ENTRY_POINTS = ("billing/web/endpoint.py", "billing/relay.py", "billing/cli.py", "billing/cli/")
MONEY_ROOMS = (
    "billing/money.py",
    "billing/ledger/",
    "billing/coverage/",
    "billing/charges/",
    "billing/estimates/",
    "billing/claims/",
    "billing/remittances/",
    "billing/payments/",
    "billing/invoices/",
    "billing/reports/",
    "billing/edi/",
)
KINDS_OF_CODE = {"util", "utils", "helper", "helpers", "common", "core", "manager", "managers", "misc", "service"}
KINDS_OF_CODE |= {"services", "view", "views", "base", "shared", "lib", "handlers"}
NETWORK_MODULES = {"urllib.request", "http.client", "http.server", "socketserver", "asyncio", "ssl"}


def words_of(expression: ast.expr) -> tuple[str, ...]:
    """A dotted expression as its words: ``sa.func.now`` as (sa, func, now); empty for anything else."""
    if isinstance(expression, ast.Name):
        return (expression.id,)
    if isinstance(expression, ast.Attribute):
        return (*words_of(expression.value), expression.attr)
    return ()


def one_commit(tree: Tree) -> list[str]:
    """Only ``database.py`` commits, rolls back or begins; migrations have a connection of their own."""
    return [
        f"{module.at(call)}  .{call.func.attr}()"
        for module in tree.program()
        if not module.is_in(*COMMITTING, *MIGRATING)
        for call in module.calls()
        if isinstance(call.func, ast.Attribute) and _ends_or_begins(words_of(call.func), call.func.attr)
    ]


def _ends_or_begins(words: tuple[str, ...], verb: str) -> bool:
    # Other things may begin; only a database's beginning is a transaction.
    of_a_database = bool({"db", "engine", "connection", "database"} & set(words[:-1]))
    return verb in {"commit", "rollback"} or (verb == "begin" and of_a_database)


def transactions_are_opened_at_the_entry_points(tree: Tree) -> list[str]:
    """A transaction is opened by a request, the relay or a command, and by nothing below."""
    return [
        f"{module.at(call)}  .{call.func.attr}()"
        for module in tree.program()
        if not module.is_in(*ENTRY_POINTS)
        for call in module.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"transaction", "reading"}
    ]


def imports_stand_at_the_top(tree: Tree) -> list[str]:
    """No import inside a function, as that is how a cycle is hidden; but a large library that few need may wait."""
    return [
        f"{module.at(node)}  import inside {function.name}"
        for module in tree.program()
        for function in module.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom) and not _may_wait(module, node)
    ]


def _may_wait(module: Module, node: ast.Import | ast.ImportFrom) -> bool:
    late = LOADED_WHEN_USED.get(module.path, ())
    return isinstance(node, ast.ImportFrom) and any(f"{node.module}.{one.name}".startswith(late) for one in node.names)


def files_are_named_after_the_trade(tree: Tree) -> list[str]:
    """No file or folder is named after a kind of code."""
    return [
        f"{module.path}  says nothing about the clinic"
        for module in tree.program()
        if KINDS_OF_CODE & set(module.path.removesuffix(".py").split("/"))
    ]


def packages_only_introduce_themselves(tree: Tree) -> list[str]:
    """``__init__.py`` is a docstring and nothing else."""
    return [
        f"{module.path}  must be a docstring only"
        for module in tree.program()
        if module.path.endswith("/__init__.py")
        and (ast.get_docstring(module.syntax) is None or len(module.syntax.body) != 1)
    ]


def modules_are_read_in_one_sitting(tree: Tree) -> list[str]:
    """No module is longer than :data:`LONGEST_MODULE` lines."""
    return [f"{module.path}  {module.lines} lines" for module in tree.program() if module.lines > LONGEST_MODULE]


def functions_are_read_in_one_breath(tree: Tree) -> list[str]:
    """No function is longer than :data:`LONGEST_FUNCTION` lines."""
    return [
        f"{module.at(function)}  {function.name}: {length_of(function)} lines"
        for module in tree.program()
        for function in module.functions()
        if length_of(function) > LONGEST_FUNCTION
    ]


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from its name to its end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def money_is_never_a_float(tree: Tree) -> list[str]:
    """No float literal, no ``float`` and no ``round`` where money is reckoned."""
    return [
        f"{module.at(node)}  {ast.unparse(node)}"
        for module in tree.program()
        if module.is_in(*MONEY_ROOMS)
        for node in ast.walk(module.syntax)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id in {"float", "round"})
    ]


def only_the_clock_knows_the_time(tree: Tree) -> list[str]:
    """Now and today come from ``clock.py``, so that any day can be replayed."""
    return [
        f"{module.at(node)}  {'.'.join(words_of(node))}"
        for module in tree.program()
        if not module.is_in("billing/clock.py")
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Attribute) and _tells_the_time(words_of(node))
    ]


def _tells_the_time(words: tuple[str, ...]) -> bool:
    return (
        words[-2:] in {("datetime", "now"), ("datetime", "today"), ("date", "today"), ("time", "time")}
        or words[-2:] in {("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"), ("func", "now")}
        or words[-1:] in {("utcnow",), ("utcfromtimestamp",), ("current_timestamp",), ("current_date",)}
    )


def tasks_carry_nothing(tree: Tree) -> list[str]:
    """A Celery task takes no argument: what is due stands in the database."""
    return [
        f"{module.at(function)}  task {function.name} takes arguments"
        for module in tree.program()
        for function in module.functions()
        if any(_makes_a_task(decorator) for decorator in function.decorator_list) and all_arguments(function)
    ]


def _makes_a_task(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return words_of(called)[-1:] in {("task",), ("shared_task",)}


def all_arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    """Its arguments of every kind."""
    given = function.args
    starred = [argument for argument in (given.vararg, given.kwarg) if argument is not None]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *starred]


def no_transaction_is_open_while_the_world_is_called(tree: Tree) -> list[str]:
    """No function is given both an open transaction and a port."""
    ports = set(_ports(tree))
    return [
        f"{module.at(function)}  {function.name} takes a transaction and a port"
        for module in tree.program()
        for function in module.functions()
        if {"Db"} <= (named := _types_of(function)) and ports & named
    ]


def _ports(tree: Tree) -> Iterator[str]:
    for module in tree.modules:
        if module.is_in("billing/ports.py"):
            yield from (node.name for node in module.syntax.body if isinstance(node, ast.ClassDef))


def _types_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    return {name for argument in all_arguments(function) for name in _choices(argument.annotation)}


def _choices(annotation: ast.expr | None) -> Iterator[str]:
    """What an argument itself is; not what a function it is given takes in turn."""
    if isinstance(annotation, ast.BinOp):
        yield from (*_choices(annotation.left), *_choices(annotation.right))
    elif annotation is not None:
        yield from words_of(annotation)[-1:]


def only_adapters_open_connections(tree: Tree) -> list[str]:
    """The standard library's parts that speak to a network are for adapters; the import contract knows the rest."""
    return [
        f"{module.at(node)}  {name}"
        for module in tree.program()
        if not module.is_in("billing/adapters/")
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in _imported(node)
        if name in NETWORK_MODULES
    ]


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def tests_use_real_fakes(tree: Tree) -> list[str]:
    """No mocks, and nothing replaced by its dotted path: such a test holds whatever the code does."""
    return [
        f"{module.at(node)}  {what}"
        for module in tree.tests()
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Call)
        for what in _mocking(node)
    ]


def _mocking(node: ast.Import | ast.ImportFrom | ast.Call) -> Iterator[str]:
    yield from (name for name in _imported(node) if name.split(".")[0] in {"mock", "pytest_mock"})
    yield from (name for name in _imported(node) if name == "unittest.mock")
    if isinstance(node, ast.Call) and words_of(node.func)[-2:] == ("monkeypatch", "setattr"):
        yield "monkeypatch.setattr"


def tests_neither_sleep_nor_skip(tree: Tree) -> list[str]:
    """A test waits for a thing, not for a while; only comparisons with peers may lack their data."""
    return [
        f"{module.at(node)}  {'.'.join(words_of(node))}"
        for module in tree.tests()
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Attribute) and _is_idle(module, words_of(node))
    ]


def _is_idle(module: Module, words: tuple[str, ...]) -> bool:
    if words == ("time", "sleep"):
        return not module.is_in("tests/servers.py")
    skipping = {("pytest", "skip"), ("pytest", "importorskip"), ("pytest", "xfail")}
    marks = {("pytest", "mark", "skip"), ("pytest", "mark", "skipif"), ("pytest", "mark", "xfail")}
    may_be_missing = module.is_in("tests/peers/") or module.is_in("tests/browser/")
    return words in skipping | marks and not may_be_missing


LAWS: tuple[Law, ...] = (
    one_commit,
    transactions_are_opened_at_the_entry_points,
    imports_stand_at_the_top,
    files_are_named_after_the_trade,
    packages_only_introduce_themselves,
    modules_are_read_in_one_sitting,
    functions_are_read_in_one_breath,
    money_is_never_a_float,
    only_the_clock_knows_the_time,
    tasks_carry_nothing,
    no_transaction_is_open_while_the_world_is_called,
    only_adapters_open_connections,
    tests_use_real_fakes,
    tests_neither_sleep_nor_skip,
)
