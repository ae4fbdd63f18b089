"""What a point may look like: every value a text that the parameter allows, byte for byte."""

from decimal import Decimal

from contract import api


def number_text(value):
    """The shortest text that reads back to the same double: plain digits from 1e-7 up to 1e16, an exponent beyond."""
    if value == 0:
        return "0"
    if not 1e-7 <= abs(value) < 1e16:
        mantissa, exponent = f"{Decimal(repr(value)):e}".lower().split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{exponent[0]}{exponent[1:].zfill(2)}"
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def check_number(test, parameter, text):
    space = parameter.feasible_space
    value, low, high = Decimal(text), Decimal(space.min), Decimal(space.max)
    test.assertTrue(low <= value <= high, f"{parameter.name}={text} is outside of {low}..{high}")
    test.assertEqual(text, number_text(float(text)), parameter.name)
    if parameter.parameter_type == api.INT:
        test.assertRegex(text, r"^-?\d+$", parameter.name)
    step = Decimal(space.step) if space.step else Decimal(1) if parameter.parameter_type == api.INT else None
    if step:
        test.assertEqual((value - low) % step, 0, f"{parameter.name}={text} is not on the grid {low}+k*{step}")


def check_point(test, experiment, point):
    """Fails unless `point` has every parameter, in the order of the experiment, each with a value it allows."""
    parameters = experiment.spec.parameter_specs.parameters
    test.assertEqual(list(point), [p.name for p in parameters])
    for parameter in parameters:
        if parameter.parameter_type in (api.INT, api.DOUBLE):
            check_number(test, parameter, point[parameter.name])
        else:
            test.assertIn(point[parameter.name], list(parameter.feasible_space.list), parameter.name)
