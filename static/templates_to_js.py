"""Makes JavaScript out of the pages' own templates, so that a phone without a network shows what the server would have shown.

Jinja reads the templates, and each node of its tree becomes a line of JavaScript over the runtime `static/js/render.js`. What has
no equal there (a node, a filter, an argument) stops the build with the template and its line: nothing is guessed.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from babel import Locale
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

KIT = "kit.html"
FILTERS = (
    "num",
    "day",
    "day_short",
    "clock",
    "weekday",
    "batch",
    "length",
    "string",
    "safe",
    "format",
    "xmlattr",
    "min",
    "tojson",
)
_COMPARED = {"eq": "$.eq({})", "ne": "!$.eq({})", "in": "$.holds({})", "notin": "!$.holds({})"}
_ORDERED = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_CALCULATED = {nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/"}
_LOOP = {
    "index": "({i} + 1)",
    "index0": "{i}",
    "first": "({i} === 0)",
    "last": "({i} === {n} - 1)",
    "length": "{n}",
}


class NotTranslatable(Exception):
    """A template says something that its JavaScript could not."""


def translate(
    templates: Path, names: Sequence[str], english: Path, runtime: str, also: Iterable[str] = ()
) -> str:
    """The module with the named templates: `pages` by name, each with a root and its blocks; `words`: what they say in English.

    `runtime` is where the module finds render.js, `also` more sentences that are said. Raises NotTranslatable, with template and line.
    """
    program = _Program(templates)
    pages = {name: program.page(name) for name in names}
    lines = [f"import * as $ from {_text(runtime)};", *program.functions.values()]
    lines += [
        f"export const pages = {{{','.join(f'{_text(name)}:{page}' for name, page in pages.items())}}};"
    ]
    lines += [
        f"export const words = {json.dumps(_english(english, program.said.union(also)), ensure_ascii=False)};"
    ]
    lines += [f"export const weekdays = {json.dumps(_weekdays(), ensure_ascii=False)};"]
    return "\n".join(lines)


def environment() -> Environment:
    """The same reading of templates as the server's (skills/web/render.py); their filters are named when they are called."""
    return Environment(autoescape=True, extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)


def _english(po: Path, said: Iterable[str]) -> dict[str, str | list[str]]:
    with po.open("rb") as source:
        catalogue = read_po(source, locale="en")
    found: dict[str, str | list[str]] = {}
    for message in sorted(said):
        entry = catalogue.get(message)
        if entry is None:
            raise NotTranslatable(f"no English for {message!r}")
        found[message] = entry.string if isinstance(entry.string, str) else list(entry.string or ())
    return found


def _weekdays() -> dict[str, list[str]]:
    """Monday first, as Babel writes them on the server."""
    return {
        language: [Locale(language).days["format"]["wide"][day] for day in range(7)]
        for language in ("vi", "en")
    }


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


class _Program:
    """Everything that is translated so far: functions by name, in the order in which they were asked for."""

    def __init__(self, templates: Path) -> None:
        self.templates = templates
        self.environment = environment()
        self.trees: dict[str, nodes.Template] = {}
        self.functions: dict[str, str] = {}
        self.said: set[str] = set()
        self.macros = {macro.name: macro for macro in self.tree(KIT).find_all(nodes.Macro)}
        self.constants = {
            node.target.name: node
            for node in self.tree(KIT).body
            if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name)
        }

    def tree(self, name: str) -> nodes.Template:
        if name not in self.trees:
            source = (self.templates / name).read_text(encoding="utf-8")
            self.trees[name] = self.environment.parse(source, name)
        return self.trees[name]

    def page(self, name: str) -> str:
        """`{root, blocks}` of a template, those of the one that it extends underneath its own."""
        tree, blocks, root = self.tree(name), dict[str, str](), name
        extends = tree.find(nodes.Extends)
        if extends is not None:
            for node in tree.body:
                if not isinstance(node, nodes.Extends | nodes.Block) and not _is_blank(node):
                    raise _refused(name, node, "outside of its blocks")
            if not isinstance(extends.template, nodes.Const):
                raise _refused(name, extends, "computed name")
            root = extends.template.value
            blocks = {block.name: self.block(root, block) for block in self.tree(root).find_all(nodes.Block)}
        blocks |= {block.name: self.block(name, block) for block in tree.find_all(nodes.Block)}
        listed = ",".join(f"{block}:{function}" for block, function in blocks.items())
        return f"{{root:{self.template(root)},blocks:{{{listed}}}}}"

    def template(self, name: str) -> str:
        """The function `(c, blocks) => text` of a template."""
        return self._function(f"t_{_identifier(name)}", "c, blocks", name, self.tree(name).body)

    def block(self, name: str, block: nodes.Block) -> str:
        """The function of a block, with the same arguments."""
        return self._function(f"b_{_identifier(name)}_{block.name}", "c, blocks", name, block.body)

    def macro(self, name: str) -> str:
        """The function of a macro of the kit. Its arguments are given in its own order; a caller comes last."""
        function = f"kit_{name}"
        if function not in self.functions:
            self.functions[function] = ""  # it may call itself
            macro, writer = self.macros[name], _Writer(self, KIT, in_kit=True)
            arguments = writer.arguments(macro)
            body = writer.scope(macro.body)
            self.functions[function] = (
                f'function {function}({", ".join(arguments)}) {{ let o = ""; {body} return $.safe(o); }}'
            )
        return function

    def constant(self, name: str) -> str:
        """A table that the kit sets for its macros."""
        constant = f"kit_{name}"
        if constant not in self.functions:
            value = _Writer(self, KIT, in_kit=True).value(self.constants[name].node)
            self.functions[constant] = f"const {constant} = {value};"
        return constant

    def _function(self, function: str, arguments: str, name: str, body: list[nodes.Node]) -> str:
        if function not in self.functions:
            self.functions[function] = ""
            text = _Writer(self, name).scope(body)
            self.functions[function] = f'function {function}({arguments}) {{ let o = ""; {text} return o; }}'
        return function


class _Writer:
    """Writes one function: statements that add to the text `o`, and values. `names`: scopes of local names, outermost first."""

    def __init__(self, program: _Program, template: str, in_kit: bool = False) -> None:
        self.program = program
        self.template = template
        self.in_kit = in_kit
        self.names: list[dict[str, str]] = [{}]
        self.loops: list[tuple[str, str]] = []
        self.made = 0

    def fresh(self, name: str) -> str:
        self.made += 1
        return f"{name}_{self.made}"

    def refused(self, node: nodes.Node, what: str) -> NotTranslatable:
        return _refused(self.template, node, what)

    # Statements

    def scope(self, body: Sequence[nodes.Node], known: dict[str, str] | None = None) -> str:
        """Statements with names of their own: those given, and those that they set, which begin as what they are outside."""
        outside = {name: self.load(name) for name in _names_set(body) if name not in (known or {})}
        self.names.append(dict(known or {}))
        begun = []
        for name, value in outside.items():
            self.names[-1][name] = local = self.fresh(name)
            begun.append(f"let {local} = {value};")
        text = " ".join([*begun, *(self.statement(node) for node in body)])
        self.names.pop()
        return text

    def statement(self, node: nodes.Node) -> str:
        write: Callable[[nodes.Node], str] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        if write is None or not isinstance(node, nodes.Stmt):
            raise self.refused(node, f"{type(node).__name__}")
        return write(node)

    def _output(self, node: nodes.Output) -> str:
        parts = [
            _text(part.data) if isinstance(part, nodes.TemplateData) else f"$.out({self.value(part)})"
            for part in node.nodes
        ]
        return f"o += {' + '.join(parts)};"

    def _if(self, node: nodes.If) -> str:
        text = f"if ({self.test(node.test)}) {{ {self._inside(node.body)} }}"
        for other in node.elif_:
            text += f" else if ({self.test(other.test)}) {{ {self._inside(other.body)} }}"
        return text + (f" else {{ {self._inside(node.else_)} }}" if node.else_ else "")

    def _inside(self, body: Sequence[nodes.Node]) -> str:
        return " ".join(map(self.statement, body))

    def _for(self, node: nodes.For) -> str:
        if node.else_ or node.recursive:
            raise self.refused(node, "a loop with else, or a recursive one")
        many, i, n = self.fresh("many"), self.fresh("i"), self.fresh("n")
        known: dict[str, str] = {}
        target = self._target(node.target, known)
        source = f"$.each({self.value(node.iter)})"
        if node.test is not None:
            self.names.append(known)
            source += f".filter(({target}) => {self.test(node.test)})"
            self.names.pop()
        self.loops.append((i, n))
        body = self.scope(node.body, known)
        self.loops.pop()
        return (
            f"{{ const {many} = {source}, {n} = {many}.length; for (let {i} = 0; {i} < {n}; {i}++) "
            f"{{ const {target} = {many}[{i}]; {body} }} }}"
        )

    def _target(self, target: nodes.Node, known: dict[str, str]) -> str:
        if isinstance(target, nodes.Name):
            known[target.name] = self.fresh(target.name)
            return known[target.name]
        if isinstance(target, nodes.Tuple):
            return f"[{', '.join(self._target(item, known) for item in target.items)}]"
        raise self.refused(target, "target of a loop")

    def _assign(self, node: nodes.Assign) -> str:
        if isinstance(node.target, nodes.NSRef):
            return f"{self.load(node.target.name)}.{node.target.attr} = {self.value(node.node)};"
        if not isinstance(node.target, nodes.Name):
            raise self.refused(node, "target of a set")
        return f"{self.load(node.target.name)} = {self.value(node.node)};"

    def _assignblock(self, node: nodes.AssignBlock) -> str:
        if node.filter is not None or not isinstance(node.target, nodes.Name):
            raise self.refused(node, "set with a filter")
        return f"{self.load(node.target.name)} = {self._captured('()', self.scope(node.body))}();"

    def _with(self, node: nodes.With) -> str:
        known = {
            target.name: self.fresh(target.name) for target in node.targets if isinstance(target, nodes.Name)
        }
        values = [self.value(value) for value in node.values]
        consts = ", ".join(f"{name} = {value}" for name, value in zip(known.values(), values, strict=True))
        return f"{{ const {consts}; {self.scope(node.body, known)} }}"

    def _include(self, node: nodes.Include) -> str:
        if not isinstance(node.template, nodes.Const) or node.ignore_missing or not node.with_context:
            raise self.refused(node, "include of that kind")
        seen = {name: local for scope in self.names for name, local in scope.items()}
        given = ", ".join(f"{name}: {local}" for name, local in seen.items())
        return f"o += {self.program.template(node.template.value)}($.within(c, {{{given}}}));"

    def _block(self, node: nodes.Block) -> str:
        return f"o += blocks.{node.name}(c, blocks);"

    def _callblock(self, node: nodes.CallBlock) -> str:
        if node.args:
            raise self.refused(node, "call with arguments")
        caller = self._captured("()", self.scope(node.body))
        return f"o += $.out({self._macro_call(node.call, caller)});"

    def _captured(self, arguments: str, body: str) -> str:
        return f'({arguments} => {{ let o = ""; {body} return $.safe(o); }})'

    def _extends(self, node: nodes.Extends) -> str:
        raise self.refused(node, "extends inside of a page")

    def _macro(self, node: nodes.Macro) -> str:
        raise self.refused(node, "a macro outside of the kit")

    # Values

    def value(self, node: nodes.Node) -> str:
        write: Callable[[nodes.Node], str] | None = getattr(self, f"_v_{type(node).__name__.lower()}", None)
        if write is None:
            raise self.refused(node, type(node).__name__)
        return write(node)

    def test(self, node: nodes.Node) -> str:
        """A value of which only the truth matters."""
        if isinstance(node, nodes.And | nodes.Or):
            sign = "&&" if isinstance(node, nodes.And) else "||"
            return f"({self.test(node.left)} {sign} {self.test(node.right)})"
        if isinstance(node, nodes.Not):
            return f"!{self.test(node.node)}"
        if isinstance(node, nodes.Compare | nodes.Test):
            return self.value(node)
        return f"$.yes({self.value(node)})"

    def load(self, name: str) -> str:
        """Where a name's value is: a local of the function, a table of the kit, else what the page was given."""
        for scope in reversed(self.names):
            if name in scope:
                return scope[name]
        if self.in_kit:
            return self.program.constant(name) if name in self.program.constants else "undefined"
        return f"c.{name}"

    def _v_name(self, node: nodes.Name) -> str:
        if node.name in ("kit", "loop"):
            raise self.refused(node, f"{node.name} as a value")
        return self.load(node.name)

    def _v_const(self, node: nodes.Const) -> str:
        return json.dumps(node.value, ensure_ascii=False)

    def _v_templatedata(self, node: nodes.TemplateData) -> str:
        return f"$.safe({_text(node.data)})"

    def _v_list(self, node: nodes.List | nodes.Tuple) -> str:
        return f"[{', '.join(map(self.value, node.items))}]"

    _v_tuple = _v_list

    def _v_dict(self, node: nodes.Dict) -> str:
        return (
            f"{{{', '.join(f'[{self.value(pair.key)}]: {self.value(pair.value)}' for pair in node.items)}}}"
        )

    def _v_getattr(self, node: nodes.Getattr) -> str:
        if isinstance(node.node, nodes.Name) and node.node.name == "loop":
            if not self.loops or node.attr not in _LOOP:
                raise self.refused(node, f"loop.{node.attr}")
            i, n = self.loops[-1]
            return _LOOP[node.attr].format(i=i, n=n)
        return f"{self.value(node.node)}.{node.attr}"

    def _v_getitem(self, node: nodes.Getitem) -> str:
        if isinstance(node.arg, nodes.Slice):
            if node.arg.step is not None:
                raise self.refused(node, "slice with a step")
            ends = (
                self.value(end) if end is not None else "undefined" for end in (node.arg.start, node.arg.stop)
            )
            return f"$.slice({self.value(node.node)}, {', '.join(ends)})"
        return f"{self.value(node.node)}[{self.value(node.arg)}]"

    def _v_condexpr(self, node: nodes.CondExpr) -> str:
        otherwise = self.value(node.expr2) if node.expr2 is not None else '""'
        return f"({self.test(node.test)} ? {self.value(node.expr1)} : {otherwise})"

    def _v_and(self, node: nodes.And) -> str:
        return f"$.and({self.value(node.left)}, () => {self.value(node.right)})"

    def _v_or(self, node: nodes.Or) -> str:
        return f"$.or({self.value(node.left)}, () => {self.value(node.right)})"

    def _v_not(self, node: nodes.Not) -> str:
        return self.test(node)

    def _v_compare(self, node: nodes.Compare) -> str:
        if len(node.ops) != 1:
            raise self.refused(node, "chain of comparisons")
        [operand] = node.ops
        left, right = self.value(node.expr), self.value(operand.expr)
        if operand.op in _ORDERED:
            return f"({left} {_ORDERED[operand.op]} {right})"
        return _COMPARED[operand.op].format(f"{left}, {right}")

    def _v_concat(self, node: nodes.Concat) -> str:
        return f"$.join({', '.join(map(self.value, node.nodes))})"

    def _v_add(self, node: nodes.Add) -> str:
        return f"$.add({self.value(node.left)}, {self.value(node.right)})"

    def _calculated(self, node: nodes.BinExpr) -> str:
        return f"({self.value(node.left)} {_CALCULATED[type(node)]} {self.value(node.right)})"

    _v_sub = _v_mul = _v_div = _calculated

    def _v_filter(self, node: nodes.Filter) -> str:
        if node.name not in FILTERS or node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise self.refused(node, f"filter {node.name}")
        return f"$.{node.name}({', '.join(map(self.value, (node.node, *node.args)))})"

    def _v_test(self, node: nodes.Test) -> str:
        tests = {"none": "({} === null)", "defined": "({} !== undefined)", "string": "$.isText({})"}
        if node.name not in tests:
            raise self.refused(node, f"test {node.name}")
        return tests[node.name].format(self.value(node.node))

    # Calls

    def _v_call(self, node: nodes.Call) -> str:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise self.refused(node, "call with * or **")
        called = node.node
        if isinstance(called, nodes.Name):
            if called.name in ("_", "gettext", "ngettext"):
                return self._said(node, "$.count" if called.name == "ngettext" else "$.say")
            if called.name == "caller" and not node.args:
                return f"{self.load('caller')}()"
            if called.name == "namespace" and not node.args:
                return f"{{{', '.join(f'{word.key}: {self.value(word.value)}' for word in node.kwargs)}}}"
            if called.name == "asset":
                return f"$.asset({', '.join(map(self.value, node.args))})"
        if self._macro_name(called):
            return self._macro_call(node)
        if isinstance(called, nodes.Getattr) and not node.kwargs:
            arguments = "".join(f", {self.value(argument)}" for argument in node.args)
            return f"$.call({self.value(called.node)}, {_text(called.attr)}{arguments})"
        raise self.refused(node, "call of that")

    def _said(self, node: nodes.Call, function: str) -> str:
        """A sentence; what stands in it word for word is looked up in English."""
        self.program.said |= {
            text.value
            for text in node.args[:1]
            if isinstance(text, nodes.Const) and isinstance(text.value, str)
        }
        given = ", ".join(f"{word.key}: {self.value(word.value)}" for word in node.kwargs)
        return f"{function}({', '.join([*map(self.value, node.args), f'{{{given}}}'])})"

    def _macro_name(self, called: nodes.Node) -> str | None:
        """The macro of the kit that is called, if it is one."""
        if (
            isinstance(called, nodes.Getattr)
            and isinstance(called.node, nodes.Name)
            and called.node.name == "kit"
        ):
            return called.attr
        if self.in_kit and isinstance(called, nodes.Name) and called.name in self.program.macros:
            return called.name
        return None

    def _macro_call(self, node: nodes.Call, caller: str | None = None) -> str:
        name = self._macro_name(node.node)
        macro = self.program.macros.get(name or "")
        if name is None or macro is None:
            raise self.refused(node, f"no macro {name}")
        wanted = [argument.name for argument in macro.args]
        given = dict(zip(wanted, map(self.value, node.args), strict=False))
        given |= {word.key: self.value(word.value) for word in node.kwargs}
        if len(node.args) > len(wanted) or given.keys() - set(wanted):
            raise self.refused(node, f"arguments of {name}")
        values = [given.get(argument, "undefined") for argument in wanted]
        if caller is not None:
            values.append(caller)
        while values and values[-1] == "undefined":
            values.pop()
        return f"{self.program.macro(name)}({', '.join(values)})"

    def arguments(self, macro: nodes.Macro) -> list[str]:
        """A macro's arguments with their defaults, and the caller, as the function takes them."""
        written = []
        optional = len(macro.args) - len(macro.defaults)
        for place, argument in enumerate(macro.args):
            default = f" = {self.value(macro.defaults[place - optional])}" if place >= optional else ""
            self.names[0][argument.name] = self.fresh(argument.name)
            written.append(self.names[0][argument.name] + default)
        self.names[0]["caller"] = "caller"
        return [*written, "caller"]


def _names_set(body: Sequence[nodes.Node]) -> Iterator[str]:
    """The names that these statements set in their own scope: in an if too, but not in a loop or a block."""
    seen: set[str] = set()
    for node in body:
        found: Iterable[str] = ()
        if isinstance(node, nodes.Assign | nodes.AssignBlock) and isinstance(node.target, nodes.Name):
            found = [node.target.name]
        elif isinstance(node, nodes.If):
            found = _names_set(
                [*node.body, *(inner for other in node.elif_ for inner in other.body), *node.else_]
            )
        for name in found:
            if name not in seen:
                seen.add(name)
                yield name


def _is_blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(part, nodes.TemplateData) and not part.data.strip() for part in node.nodes
    )


def _identifier(name: str) -> str:
    return re.sub(r"\W", "_", name.removesuffix(".html"))


def _refused(template: str, node: nodes.Node, what: str) -> NotTranslatable:
    return NotTranslatable(f"templates/{template}, line {node.lineno}: {what} has no JavaScript")
