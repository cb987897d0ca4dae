"""The public names of training and export: there, documented, and without TensorFlow until one is used."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("package", ["signs_edge.train", "signs_edge.export"])
def test_importing_the_package_loads_nothing_heavy(package):
    code = f"import sys, {package}; print(sorted({{'tensorflow', 'keras', 'numpy', 'cv2'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["signs_edge.train", "signs_edge.export"])
def test_every_public_name_is_there_and_documented(package):
    module = __import__(package, fromlist=["__all__"])
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = module.absent


def test_fit_stays_a_function_when_its_room_is_imported():
    from signs_edge.train import fit

    assert callable(fit)
