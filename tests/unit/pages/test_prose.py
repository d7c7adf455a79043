"""Words of pages are set as people print them."""

from __future__ import annotations

import pytest

from scaling_studies.pages.prose import as_set

KEPT = (
    "<title>β_g 5 %</title><code>x_y^2 5%</code><script>a_b = 7 % 2</script><button>1e22</button>"
)


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("β_g and R_D* of N_c", "β<sub>g</sub> and R<sub>D</sub>* of N<sub>c</sub>"),
        ("L = a / N^α + b / D^-beta", "L = a / N<sup>α</sup> + b / D<sup>−β</sup>"),
        ("growth^(1/β_g)", "growth<sup>1/β<sub>g</sub></sup>"),
        ("1 - 1/e, −5 % and 7% · x - y", "1 − 1/e, −5\u00a0% and 7\u00a0%\u00a0· x - y"),
        ("Log odds at 1e21 FLOP", "Log odds at 10<sup>21</sup> FLOP"),
        ("1e-5, 3.85e24 and 2e+3", "10<sup>−5</sup>, 3.85×10<sup>24</sup> and 2×10<sup>3</sup>"),
        ("α (-0.05), -2 of 5-7, 12e45", "α (−0.05), −2 of 5-7, 12e45"),
        ("N ~ D^beta_p at alpha_C_min", "N ~ D<sup>β<sub>p</sub></sup> at α<sub>C</sub> min"),
        ("5000 N^0.74. m^-0.0967", "5000 N<sup>0.74</sup>. m<sup>−0.0967</sup>"),
        ("2.33 × and 2 × 3", "2.33\u00a0× and 2 × 3"),
        ("tokens_per_parameter, a_b_c", "tokens_per_parameter, a_b_c"),
    ],
)
def test_words_are_set_and_what_is_typed_is_left(words: str, printed: str) -> None:
    page = f'<p title="x_y 5 %">{{}}</p>{KEPT}'
    assert as_set(page.format(words)) == page.format(printed)
