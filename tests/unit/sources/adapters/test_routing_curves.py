"""Curves of routed models."""

from __future__ import annotations

import gzip

from upstream_files import refused, write

from scaling_studies import registry

ROUTING = (
    "hyper_id,step,num_experts,k,seed,dense_parameter_count,total_parameter_count,d_model,"
    "num_blocks,num_heads,kqv_size,routing_frequency,flops_per_step,flop_increase,"
    "loss_validation,loss_c4,loss_curation_corpus,loss_lambada,loss_pile,loss_wikitext103,"
    "router_type,model_size_label\n"
)
ROUTING_ROW = ",1,1,42,100.0,100.0,8,2,2,4,0.5,1e9,1.0,{},3.0,3.0,3.0,,3.0,Dense,1M\n"


def routing(tmp_path, *rows):
    body = ROUTING + "".join(key + ROUTING_ROW.format(loss) for key, loss in rows)
    return write(tmp_path, {"curves.csv.gz": gzip.compress(body.encode())})


def test_routing_curves_keep_the_last_step_of_each_run(tmp_path):
    paths = routing(tmp_path, ("1,20", 2.5), ("1,10", 3.0), ("0,10", 4.0), ("0,0", 9.0))
    runs = registry.load("adapters", "routing_curves")(paths)["runs"]
    assert runs[["run", "step", "loss"]].to_numpy().tolist() == [[0, 10, 4.0], [1, 20, 2.5]]
    assert (
        runs["loss_pile"].tolist() == [None, None] and runs["params_active"].tolist() == [100] * 2
    )


def test_routing_curves_refuse_bad_values(tmp_path):
    refused("routing_curves", routing(tmp_path, ("0,1", 2.5), ("0,1", 3.0)), {}, "appears twice")
    # The row is the one in the file, whatever rows were left out before it.
    bad = routing(tmp_path, ("0,1", 2.5), ("0,2", 2.4), ("1,1", ""))
    refused("routing_curves", bad, {}, "row 3, column loss_validation")
    paths = routing(tmp_path, ("0,1", 2.5))
    paths["curves.csv.gz"].write_bytes(paths["curves.csv.gz"].read_bytes()[:40])
    refused("routing_curves", paths, {}, "cannot be read")
