namespace Wombat.Api.Middleware;

/// <summary>
/// Handles HEAD for every GET endpoint: the endpoint sees GET, and the server omits the body. Streams end after the headers.
/// </summary>
internal sealed class HeadRequests(RequestDelegate next)
{
    private static readonly object Key = new();

    public static bool IsHead(HttpContext context) => context.Items.ContainsKey(Key);

    public Task InvokeAsync(HttpContext context)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Items[Key] = Key;
            context.Request.Method = HttpMethods.Get;
        }

        return next(context);
    }
}
