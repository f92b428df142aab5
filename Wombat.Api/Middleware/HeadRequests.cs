namespace Wombat.Api.Middleware;

/// <summary>
/// Answers HEAD on everything that answers GET: the endpoint sees GET, and the server sends no body, since the request came
/// as HEAD. What would go on for ever ends with its headers.
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
