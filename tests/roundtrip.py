"""Judges what ecsui sends to RegisterTaskDefinition by botocore's models.

Run by tests/roundtrip.rs: `judge CORPUS SENT` and `members FILE`. The result goes to standard output as JSON.
"""

import copy
import json
import pathlib
import sys

import botocore.loaders
import botocore.model
import botocore.validate

MODEL = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("ecs", "service-2"))
REGISTER = MODEL.operation_model("RegisterTaskDefinition").input_shape
DESCRIBED = MODEL.shape_for("TaskDefinition")
READ_ONLY = {name for name in DESCRIBED.members if name not in REGISTER.members}


def places(shape, place=""):
    """The members of a shape, structure by structure."""
    if shape.type_name == "structure":
        found = {place: sorted(shape.members)}
        for name, member in shape.members.items():
            found |= places(member, f"{place}.{name}" if place else name)
        return found
    if shape.type_name == "list":
        return places(shape.member, place)
    return {place: ["*"]} if shape.type_name == "map" else {}


def split(value, shape, place=""):
    """What of a value the model knows, and the places of what it does not; used members come as places too."""
    if shape.type_name == "structure":
        known, unknown, used = {}, set(), set()
        for name, member in value.items():
            inner = f"{place}.{name}" if place else name
            if name not in shape.members:
                unknown.add(inner)
                continue
            known[name], more, deep = split(member, shape.members[name], inner)
            unknown |= more
            used |= deep | {inner}
        return known, unknown, used
    if shape.type_name == "list":
        parts = [split(item, shape.member, place) for item in value]
        return [part[0] for part in parts], set().union(*(it[1] for it in parts)), set().union(*(it[2] for it in parts))
    return value, set(), set()


def judge(corpus, sent):
    sent = json.loads(pathlib.Path(sent).read_text())
    files = {path.stem: json.loads(path.read_text()) for path in pathlib.Path(corpus).glob("*.json")}
    assert sent.keys() == files.keys()
    unknown, used = {}, set()
    for name, case in sent.items():
        known, odd, members = split(case["sent"], REGISTER)
        report = botocore.validate.ParamValidator().validate(known, REGISTER)
        assert not report.has_errors(), f"{name}: {report.generate_report()}"
        if odd:
            unknown[name] = sorted(odd)
        used |= members
        source = copy.deepcopy(files[name]["taskDefinition"])
        assert not (set(source) - set(DESCRIBED.members) - odd), f"{name}: no answer of DescribeTaskDefinition"
        for member in READ_ONLY:
            source.pop(member, None)
        (changed,) = [it for it in source["containerDefinitions"] if it["name"] == case["container"]]
        assert changed["image"] != case["image"], f"{name}: nothing was to be changed"
        changed["image"] = case["image"]
        tags = [tag for tag in files[name]["tags"] if not tag["key"].startswith("aws:")]
        if tags:
            source["tags"] = tags
        assert case["sent"] == source, f"{name}: {case['sent']}"
    every = {f"{place}.{name}" if place else name for place, names in places(REGISTER).items() for name in names if name != "*"}
    assert used >= every, f"not in the corpus: {sorted(every - used)}"
    return {"judged": len(sent), "unknown": unknown}


def members(file):
    ours = json.loads(pathlib.Path(file).read_text())
    theirs = places(REGISTER)
    assert ours["members"] == theirs, {
        place: (ours["members"].get(place), theirs.get(place))
        for place in ours["members"].keys() | theirs.keys()
        if ours["members"].get(place) != theirs.get(place)
    }
    assert set(ours["read_only"]) == READ_ONLY, READ_ONLY ^ set(ours["read_only"])
    return "the same"


json.dump({"judge": judge, "members": members}[sys.argv[1]](*sys.argv[2:]), sys.stdout)
