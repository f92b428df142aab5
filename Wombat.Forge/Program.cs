using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Wombat.Forge;
using Wombat.Infrastructure.Processes;

using var stop = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    var answer = await RunAsync(new Arguments(args), stop.Token);
    Console.Out.WriteLine(answer.ToJsonString());
    return (int)ExitCode.Ok;
}
catch (ForgeException e)
{
    Console.Error.WriteLine(e.Message);
    return (int)e.Code;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("stopped");
    return (int)ExitCode.Unavailable;
}
catch (TimeoutException e)
{
    Console.Error.WriteLine(e.Message);
    return (int)ExitCode.Unavailable;
}
catch (ProgramMissingException e)
{
    Console.Error.WriteLine(e.Message);
    return (int)ExitCode.Unavailable;
}
catch (Exception e)
{
    Console.Error.WriteLine($"forge failed: {e.Message}");
    return (int)ExitCode.Failed;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

static async Task<JsonNode> RunAsync(Arguments arguments, CancellationToken cancel)
{
    var backend = Backends.Create();
    switch (arguments.Command)
    {
        case "create":
            return (await backend.CreateAsync(arguments.Create(), cancel)).ToJson();
        case "list":
            return new JsonArray([.. (await backend.ListAsync(cancel)).Select(g => g.ToJson())]);
        case "status":
            return (await backend.StatusAsync(arguments.Id, arguments.Key, cancel)).ToJson();
        case "start":
            return (await backend.StartAsync(arguments.Id, arguments.Key, cancel)).ToJson();
        case "stop":
            return (await backend.StopAsync(arguments.Id, arguments.Key, cancel)).ToJson();
        case "restart":
            return (await backend.RestartAsync(arguments.Id, arguments.Key, cancel)).ToJson();
        case "delete":
            await backend.DeleteAsync(arguments.Id, arguments.Key, cancel);
            return new JsonObject { ["id"] = arguments.Id, ["status"] = "deleted" };
        case "keys":
            return (await backend.SetKeysAsync(arguments.Id, arguments.Key, arguments.ReadKeys(), cancel)).ToJson();
        case "logs":
            return new JsonObject
            {
                ["id"] = arguments.Id,
                ["lines"] = new JsonArray([.. (await backend.LogsAsync(arguments.Id, cancel)).Select(l => JsonValue.Create(l))]),
            };
        case "templates":
            return new JsonArray([.. (await backend.TemplatesAsync(cancel)).Select(t => t.ToJson())]);
        default:
            return await HealthAsync(backend, cancel);
    }
}

static async Task<JsonNode> HealthAsync(IBackend backend, CancellationToken cancel)
{
    try
    {
        return new JsonObject { ["healthy"] = true, ["message"] = await backend.HealthAsync(cancel) };
    }
    catch (ForgeException e)
    {
        return new JsonObject { ["healthy"] = false, ["message"] = e.Message };
    }
}
