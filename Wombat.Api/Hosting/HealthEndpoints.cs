namespace Wombat.Api.Hosting;

internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder root)
    {
        root.MapGet("/health/live", Live).AllowAnonymous().ExcludeFromDescription();
        root.MapGet("/health/ready", ReadyAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static IResult Live() => TypedResults.Text("live\n");

    private static async Task<IResult> ReadyAsync(StartupTasks start, CancellationToken cancel) =>
        start.IsDone && await start.IsDatabaseAvailableAsync(cancel)
            ? TypedResults.Text("ready\n")
            : TypedResults.Text("not ready\n", statusCode: StatusCodes.Status503ServiceUnavailable);
}
