using Wombat.Bench;

switch (args)
{
    case ["http", .. var modes]:
        await HttpBench.RunAsync(modes);
        break;
    case ["lists"]:
        await ListBench.RunAsync();
        break;
    case ["jobs"]:
        await JobBench.RunAsync();
        break;
    case ["access", .. var parts]:
        await AccessBench.RunAsync(parts);
        break;
    case ["directory"]:
        await DirectoryBench.RunAsync();
        break;
    case ["audit"]:
        await AuditBench.RunAsync();
        break;
    case ["events"]:
        await EventBench.RunAsync();
        break;
    case ["hostile", .. var attacks]:
        await HostileBench.RunAsync(attacks);
        break;
    case ["logs"]:
        await LogBench.RunAsync();
        break;
    case ["databases", .. var parts]:
        await DatabaseBench.RunAsync(parts);
        break;
    case ["clusters", .. var sizes]:
        await ClusterBench.RunAsync(sizes);
        break;
    case ["runs", .. var parts]:
        await RunBench.RunAsync(parts);
        break;
    case ["start"]:
        await StartBench.RunAsync();
        break;
    case ["bare", var connectionString, var port]:
        await BareApi.RunAsync(connectionString, int.Parse(port));
        break;
    case ["unaudited", var connectionString, var port, var data]:
        await UnauditedApi.RunAsync(
            new Dictionary<string, string>(BenchmarkEnvironment.Environment(connectionString), StringComparer.Ordinal)
            {
                ["WOMBAT_PORT"] = port,
                ["WOMBAT_DATA_DIR"] = data,
            },
            connectionString
        );
        break;
    default:
        await Console.Error.WriteLineAsync(
            "http | lists | jobs | start | access | directory | audit | events | hostile | logs | databases | clusters | runs"
        );
        return 2;
}

return 0;
