"""Construction, metadata, serialization, copies: nothing gets lost and no key gets out."""

import copy
import json
import pickle

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core.base.llms.types import LLMMetadata, MessageRole
from llama_index.core.indices.prompt_helper import PromptHelper
from llama_index.core.llms import LLM, MockLLM
from llama_index.core.llms.function_calling import FunctionCallingLLM

from llamaindex_tagrouter import TagRouterLLM
from llamaindex_tagrouter._metadata import combine_metadata
from tagrouter import InvalidInputError, UnknownNameError
from tests.llamaindex_tagrouter.builders import CODE, POEM, ScriptedLLM, make_llm, make_router, user


def metadata_of(*windows):
    return {
        f"m{i}": LLMMetadata(context_window=window, num_output=outputs)
        for i, (window, outputs) in enumerate(windows)
    }


@pytest.mark.parametrize(
    ("windows", "room"),
    [
        ([(4000, 256), (128_000, 16_384)], 3744),
        ([(4000, 256), (4000, 3000)], 1000),
        ([(8000, 4000), (6000, 256), (9000, -1)], 4000),
    ],
)
def test_room_for_a_prompt_is_that_of_the_tightest_candidate(windows, room):
    combined = combine_metadata(metadata_of(*windows))
    assert combined.context_window == min(window for window, _ in windows)
    assert combined.context_window - combined.num_output == room
    PromptHelper.from_llm_metadata(combined)


def test_unknown_output_of_all_candidates_stays_unknown():
    assert combine_metadata(metadata_of((4000, -1), (8000, -1))).num_output == -1


def test_abilities_of_any_candidate_are_the_routers():
    llm = TagRouterLLM({"small": MockLLM(), "large": ScriptedLLM(name="large")}, make_router())
    assert llm.metadata.is_chat_model
    assert llm.metadata.is_function_calling_model
    assert llm.metadata.model_name == "tagrouter(small,large)"


def test_role_of_system_prompts_is_the_candidates_where_they_agree():
    def role(*roles):
        return combine_metadata(
            {f"m{i}": LLMMetadata(system_role=role) for i, role in enumerate(roles)}
        ).system_role

    assert role(MessageRole.DEVELOPER, MessageRole.DEVELOPER) == MessageRole.DEVELOPER
    assert role(MessageRole.DEVELOPER, MessageRole.SYSTEM) == MessageRole.SYSTEM


def test_class_is_what_llama_index_looks_for():
    assert TagRouterLLM.class_name() == "TagRouterLLM"
    assert issubclass(TagRouterLLM, FunctionCallingLLM)
    assert "BaseLLM" in [cls.__name__ for cls in TagRouterLLM.__mro__]


@pytest.mark.parametrize(
    ("llms", "says"),
    [
        ({}, "it is empty"),
        ([MockLLM()], "it is a list"),
        ({"small": "gpt-4o"}, r"llms\['small'\] must be a LlamaIndex LLM, is a str"),
    ],
)
def test_candidates_that_are_no_llms_are_refused(llms, says):
    with pytest.raises(InvalidInputError, match=says):
        TagRouterLLM(llms, make_router())


def test_candidate_that_the_router_does_not_know_is_refused():
    with pytest.raises(UnknownNameError, match="'tiny'; known: 'large', 'small'"):
        TagRouterLLM({"tiny": MockLLM(), "large": MockLLM()}, make_router())


def test_models_without_a_candidate_are_never_chosen():
    llm = TagRouterLLM({"small": MockLLM()}, make_router())
    assert llm.complete(CODE).additional_kwargs["tagrouter"]["model"] == "small"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("system_prompt", "Be brief."),
        ("messages_to_prompt", str),
        ("completion_to_prompt", str),
        ("rate_limiter", object()),
    ],
)
def test_settings_that_belong_to_candidates_are_refused(setting, value):
    with pytest.raises(InvalidInputError, match=f"{setting} has no effect on TagRouterLLM"):
        make_llm(**{setting: value})
    llm = make_llm()
    with pytest.raises(InvalidInputError, match=setting):
        setattr(llm, setting, value)


@pytest.mark.parametrize("duplicate", [lambda llm: pickle.loads(pickle.dumps(llm)), copy.deepcopy])
def test_copies_decide_and_answer_as_the_original(duplicate):
    llm = make_llm(theta=0.1, on_error="raise")
    twin = duplicate(llm)
    for text in (POEM, CODE):
        assert twin.chat([user(text)]) == llm.chat([user(text)])
    assert (twin.theta, twin.on_error) == (0.1, "raise")
    assert twin.llms["small"] is not llm.llms["small"]


def test_llm_that_cannot_be_pickled_says_so_instead_of_losing_its_router():
    llm = make_llm()
    llm.router.generator.tags = {"poem": lambda: None}
    with pytest.raises(TypeError, match="cannot be pickled: router cannot"):
        pickle.dumps(llm)


def test_from_dict_with_candidates_and_router_decides_as_before():
    llm = make_llm(theta=0.5)
    data = json.loads(json.dumps(llm.to_dict()))
    twin = TagRouterLLM.from_dict(data, llms=llm.llms, router=llm.router)
    assert twin.route(POEM).to_dict() == llm.route(POEM).to_dict()


@pytest.mark.parametrize("missing", ["llms", "router"])
def test_from_dict_says_what_has_to_be_given_again(missing):
    llm = make_llm()
    given = {"llms": llm.llms, "router": llm.router}
    del given[missing]
    with pytest.raises(InvalidInputError, match="from_dict, pass llms= and router= again"):
        TagRouterLLM.from_dict(llm.to_dict(), **given)


def test_no_key_of_a_candidate_gets_out():
    openai_like = pytest.importorskip("llama_index.llms.openai_like")
    candidate = openai_like.OpenAILike(model="m", api_key="sk-secret", api_base="http://x")
    llm = TagRouterLLM({"small": candidate, "large": candidate}, make_router())
    structured = llm.as_structured_llm(LLMMetadata)
    written = [repr(llm), str(llm), llm.to_json(), json.dumps(llm.to_payload())]
    written += [json.dumps(llm.model_dump()), structured.to_json(), repr(structured)]
    assert "sk-secret" in candidate.to_json()
    assert not [text for text in written if "sk-secret" in text]
    assert '"model_name": "m"' in llm.to_json()


def test_stamp_does_not_reach_the_body_of_the_next_request():
    pytest.importorskip("llama_index.llms.openai_like")
    from llama_index.llms.openai.utils import to_openai_message_dicts

    answer = make_llm().chat([user(POEM)]).message
    body = to_openai_message_dicts([user(POEM), answer, user(CODE)], model="m")
    assert "tagrouter" not in json.dumps(body)


def test_llm_is_never_falsy():
    assert make_llm()
    assert isinstance(make_llm(), LLM)
