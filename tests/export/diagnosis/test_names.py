from signs_edge.export.diagnosis.names import layers_of


def test_layers_behind_a_tensor():
    known = ("picture", "conv", "relu", "block_1", "block_1_add")
    assert layers_of("net_1/relu_1/Relu;net_1/conv_1/convolution", known) == ("conv", "relu")
    assert layers_of("net/block_1/Add", known) == ("block_1",)  # a number of its own, not the tracer's
    assert layers_of("net/block_1_add_1/Add", known) == ("block_1_add",)
    assert layers_of("StatefulPartitionedCall_1:0", known) == ()
