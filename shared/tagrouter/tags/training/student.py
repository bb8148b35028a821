"""The network: a pretrained encoder, mean pooling, and one sigmoid per tag."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from transformers import BertModel

_INITIAL_SCALE = 10.0


class Student(nn.Module):
    """Multi-label tag classifier over a BERT-shaped encoder.

    Args:
        encoder: The pretrained encoder; its word embeddings are taken over.
        n_new_tokens: Rows to append to the word embeddings, starting at the unknown token's.
        unknown_id: Id of the unknown token.
        n_tags: Number of tags.
    """

    def __init__(
        self, encoder: "BertModel", n_new_tokens: int, unknown_id: int, n_tags: int
    ) -> None:
        super().__init__()
        self.encoder = encoder
        known = encoder.embeddings.word_embeddings.weight
        width = known.shape[1]
        noise = torch.randn(n_new_tokens, width) * known.detach().std()
        self.new_embeddings = nn.Parameter(known.detach()[unknown_id] + noise)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(width, n_tags)

    def embed(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Embed token ids.

        Args:
            ids: Token ids of shape (n_queries, n_tokens).
            mask: 1 for a token, 0 for padding, of the same shape.

        Returns:
            Unit vectors of shape (n_queries, width).
        """
        # Appended rows are a parameter of their own: they start from nothing and need larger
        # steps than the pretrained ones.
        table = torch.cat([self.encoder.embeddings.word_embeddings.weight, self.new_embeddings])
        tokens = functional.embedding(ids, table)
        hidden = self.encoder(inputs_embeds=tokens, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * weights).sum(1) / weights.sum(1)
        return functional.normalize(pooled.float(), dim=-1)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Compute one logit per tag.

        Args:
            ids: Token ids of shape (n_queries, n_tokens).
            mask: 1 for a token, 0 for padding, of the same shape.

        Returns:
            Logits of shape (n_queries, n_tags).
        """
        logits: Tensor = self.head(self.dropout(self.embed(ids, mask)))
        return logits

    @torch.no_grad()
    def start_head(self, tag_vectors: Tensor, base_rates: Tensor) -> None:
        """Start the head where a tag's name points, at the tag's base rate.

        The encoder was trained for similarity, so a query about cooking is near "cooking" before
        the first step; a tag with few examples keeps most of that.

        Args:
            tag_vectors: Unit vectors of the tag names, of shape (n_tags, width).
            base_rates: Share of training queries that carry the tag, of shape (n_tags,).
        """
        self.head.weight.copy_(_INITIAL_SCALE * (tag_vectors - tag_vectors.mean(0)))
        self.head.bias.copy_(torch.logit(base_rates))
