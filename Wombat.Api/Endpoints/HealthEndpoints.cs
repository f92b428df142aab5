using Wombat.Api.Hosting;

namespace Wombat.Api.Endpoints;

internal static class HealthEndpoints
{
    // Load balancers and monitors often ask for the head alone.
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void MapHealth(this IEndpointRouteBuilder root)
    {
        root.MapMethods("/health/live", Methods, Live).AllowAnonymous().ExcludeFromDescription();
        root.MapMethods("/health/ready", Methods, ReadyAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static IResult Live() => TypedResults.Text("live\n");

    private static async Task<IResult> ReadyAsync(StartUp start, CancellationToken cancel) => start.IsDone && await start.DatabaseAnswersAsync(cancel)
        ? TypedResults.Text("ready\n")
        : TypedResults.Text("not ready\n", statusCode: StatusCodes.Status503ServiceUnavailable);
}
