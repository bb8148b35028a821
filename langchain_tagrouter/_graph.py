"""The picture of a router: selector, then one conditional edge per member."""

from collections.abc import Mapping
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.graph import Graph


def routes_graph(
    router: Runnable[Any, Any],
    selector: Runnable[Any, Any],
    members: Mapping[str, Runnable[Any, Any]],
    config: RunnableConfig | None,
) -> Graph:
    """Draw a router.

    Args:
        router: Whose input and output frame the picture.
        selector: The node that decides.
        members: Name -> who answers for it.
        config: Passed to the schemas.

    Returns:
        The graph.
    """
    graph = Graph()
    start = graph.add_node(router.get_input_schema(config))
    choose = graph.add_node(selector)
    graph.add_edge(start, choose)
    answers = [(name, graph.add_node(member)) for name, member in members.items()]
    end = graph.add_node(router.get_output_schema(config))
    for name, answer in answers:
        graph.add_edge(choose, answer, data=name, conditional=True)
        graph.add_edge(answer, end)
    return graph
