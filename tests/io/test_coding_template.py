import pytest

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.coding_template import default_template, read_coding_template

LAB = """
name = "Brow study"
require_intensity = true
coder = "AB"
emotions = ["joy", "awe"]
notes = ["speech"]

[[action_units]]
code = "4"
label = "frown"
key = "fr"

[[action_units]]
code = "NOD"
"""


def written(tmp_path, text: str | bytes):
    path = tmp_path / "template.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_laboratory_s_list_is_read(tmp_path):
    template = read_coding_template(written(tmp_path, LAB))
    assert template.name == "Brow study"
    assert template.codes == {"4", "NOD"}
    assert [(c.code, c.label, c.key) for c in template.action_units] == [
        ("4", "frown", "fr"),
        ("NOD", "", ""),
    ]
    assert template.emotions == ("joy", "awe")
    assert template.notes == ("speech",)
    assert template.require_intensity
    assert template.coder == "AB"


def test_what_is_not_said_keeps_its_default(tmp_path):
    template = read_coding_template(written(tmp_path, 'name = "bare"'))
    assert template.codes == frozenset()
    assert template.emotions == ()
    assert not template.require_intensity
    assert template.coder == ""


def test_the_shipped_template_means_all_of_facs():
    template = default_template()
    assert template.name == "FACS"
    assert template.codes == frozenset()
    assert "surprise" in template.emotions
    assert template.require_intensity


def test_codes_outside_the_list_are_remarked_on_and_kept(tmp_path):
    template = read_coding_template(written(tmp_path, LAB))
    read = template.read_code("L4B+NOD+12C+7")
    assert read.text == "L4B+NOD+12C+7"
    assert read.remarks == ("no intensity (A–E): 7", "not in the list of Brow study: 12C, 7")
    assert default_template().read_code("4B+12C").remarks == ()


def test_a_mark_at_the_beginning_of_the_file_does_no_harm(tmp_path):
    assert read_coding_template(written(tmp_path, b"\xef\xbb\xbf" + LAB.encode())).coder == "AB"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "expected TOML"),
        ("emotions = []", "expected the key name, got none; add it"),
        ('name = "x"\nunits = []', "got units; correct or remove it"),
        ('name = "x"\nemotions = "joy"', "emotions: "),
        ('name = "x"\n[[action_units]]\nlabel = "frown"', "expected the key action_units[1].code"),
        ('name = "x"\n[[action_units]]\ncode = "4 B"', "write it as one word"),
        (LAB + '[[action_units]]\ncode = "4"', "each code once, got 4 more than once"),
        (LAB + '[[action_units]]\ncode = "7"\nkey = "fr"', "each key once, got fr more than once"),
        (b"name = '\xff'", "save it as UTF-8"),
    ],
)
def test_a_mistake_is_named_in_one_line(tmp_path, text, said):
    path = written(tmp_path, text)
    with pytest.raises(AnnotationFormatError) as caught:
        read_coding_template(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert said in message
    assert "\n" not in message


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AnnotationFormatError, match="choose a TOML file"):
        read_coding_template(tmp_path / "no.toml")
