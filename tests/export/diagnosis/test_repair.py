"""The search for the fewest ops in float: on made-up needs, and on a network with a planted outlier channel."""

import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.inference.classifier import TFLiteClassifier
from signs_edge.export.diagnosis.diagnose import AgreementCheck
from signs_edge.export.diagnosis.layers import compare_layers
from signs_edge.export.diagnosis.repair import find_fewest, repair
from signs_edge.export.flatbuffer.reader import read_graph

RANKED = tuple("abcdefghij")


@pytest.mark.parametrize(
    ("needed", "limit"),
    [(set(), 5), ({"a"}, 5), ({"b"}, 5), ({"d", "g"}, 10), ({"j"}, 10), ({"a", "c", "e"}, 5), (set("abcdefghij"), 10)],
)
def test_exactly_what_is_needed_is_kept(needed, limit):
    found = find_fewest(RANKED, {}, lambda chosen: needed <= set(chosen), limit)
    assert set(found) == needed


def test_readers_come_right_after_what_they_read():
    asked = []

    def passes(chosen):
        asked.append(tuple(chosen))
        return {"a", "i"} <= set(chosen)

    assert find_fewest(RANKED, {"a": ["i"]}, passes, 5) == ("a", "i")
    assert asked[:3] == [(), ("a",), ("a", "i")]


def test_one_alone_is_preferred_to_two_that_pass_together():
    assert find_fewest(RANKED, {}, lambda chosen: {"a", "b"} <= set(chosen) or set(chosen) == {"e"}, 5) == ("e",)


def test_more_than_the_limit_is_not_kept():
    assert find_fewest(RANKED, {}, lambda chosen: {"h"} <= set(chosen), 7) is None
    assert find_fewest(RANKED, {}, lambda chosen: {"h"} <= set(chosen), 8) == ("h",)
    assert find_fewest(RANKED, {}, lambda chosen: False, 10) is None


@pytest.fixture(scope="module")
def search(planted, bars):
    """The check that int8 fails, and what the search finds."""
    file = ModelFile.pack(planted.float32, bars.names, Contract())
    check = AgreementCheck(file, bars)
    diagnosis = compare_layers(planted.float32, planted.int8, bars.images[:12], Contract(), planted.layers)
    return check, diagnosis, repair(diagnosis, planted.float32, planted.quantizer.quantize, check)


def test_the_healthy_network_needs_no_repair(healthy, bars):
    check = AgreementCheck(ModelFile.pack(healthy.float32, bars.names, Contract()), bars)
    diagnosis = compare_layers(healthy.float32, healthy.int8, bars.images[:3], Contract(), healthy.layers)
    found = repair(diagnosis, healthy.float32, healthy.quantizer.quantize, check)
    assert (found.float_tensors, found.trials) == ((), 1)
    # Planting left the function in float as it was, and this one counts bars.
    assert check.compare(healthy.int8).accuracy.first > 0.95


def test_repair_brings_agreement_back(search, planted):
    check, _, found = search
    before, after = check.compare(planted.int8), check.compare(found.content)
    assert before.agreement.rate < 0.9
    assert not check(planted.int8)
    assert after.agreement.rate >= 0.99
    assert check(found.content)
    assert after.accuracy.first > 0.95


def test_no_fewer_ops_will_do(search, planted):
    """Every single op is tried in float, not only the suspects that the search looked at."""
    check, diagnosis, found = search
    names = {layer.tensor: layer.name for layer in diagnosis.layers}
    assert [names[tensor] for tensor in found.float_tensors] == [
        "stage3_block1_1_conv + stage3_block1_relu1",
        "stage3_block1_2_conv + stage3_block1_relu2",
    ]
    for layer in diagnosis.layers:
        assert not check(planted.quantizer.quantize([layer.tensor])), layer.name


def test_the_file_read_back_has_those_ops_in_float_and_no_others(search):
    _, _, found = search
    graph = read_graph(found.content)
    assert graph.tensors[graph.inputs[0]].dtype == graph.tensors[graph.outputs[0]].dtype == "int8"
    computed = [graph.output(op) for op in graph.ops if op.name != "DEQUANTIZE"]
    assert {tensor.name for tensor in computed if tensor.dtype == "float32"} == set(found.float_tensors)


def test_the_repaired_file_runs_on_the_device(search, bars):
    _, _, found = search
    classifier = TFLiteClassifier(ModelFile.pack(found.content, bars.names, Contract()))
    assert classifier.input_dtype == "int8"
    answers = [classifier.predict(picture).label for picture in bars.images[:12]]
    assert answers == [bars.names[label] for label in bars.labels[:12]]


def test_beyond_the_limit_nothing_is_found(search, planted):
    check, diagnosis, _ = search
    found = repair(diagnosis, planted.float32, planted.quantizer.quantize, check, limit=1)
    assert found.content is None
    assert found.to_json()["passed"] is False
