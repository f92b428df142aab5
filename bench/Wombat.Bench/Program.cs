using Wombat.Bench;

switch (args)
{
    case ["http"]:
        await HttpBench.RunAsync();
        break;
    case ["lists"]:
        await ListBench.RunAsync();
        break;
    case ["jobs"]:
        await JobBench.RunAsync();
        break;
    case ["start"]:
        await StartBench.RunAsync();
        break;
    case ["bare", var connectionString, var port]:
        await BareApi.RunAsync(connectionString, int.Parse(port));
        break;
    default:
        await Console.Error.WriteLineAsync("http | lists | jobs | start");
        return 2;
}

return 0;
