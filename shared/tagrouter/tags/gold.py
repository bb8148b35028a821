"""Tags that are given with the query: by a person, a form, or another system."""

from collections.abc import Mapping, Sequence

from tagrouter.errors import TagGeneratorError
from tagrouter.records import QueryTags
from tagrouter.tags.base import TagGenerator
from tagrouter.tags.normalize import normalize_tag


class GoldGenerator(TagGenerator):
    """Looks tags up instead of generating them.

    Args:
        tags: Tag names by query. May stay empty when every call passes its own `query_tags`.
    """

    name = "gold"

    def __init__(self, tags: Mapping[str, Sequence[str]] | None = None) -> None:
        self.tags = dict(tags or {})

    def _generate(self, queries: Sequence[str]) -> list[QueryTags]:
        missing = [query for query in queries if query not in self.tags]
        if missing:
            raise TagGeneratorError(
                f"{len(missing)} of {len(queries)} queries came without tags. The generator 'gold' "
                "has only the tags it is given: pass query_tags=[...] with the query, or use "
                "generator='embedded'."
            )
        return [
            QueryTags.of_names(name for name in map(normalize_tag, self.tags[query]) if name)
            for query in queries
        ]
