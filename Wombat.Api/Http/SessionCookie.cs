using System.Buffers.Text;
using System.Security.Cryptography;
using Wombat.Application.Sessions;

namespace Wombat.Api.Http;

/// <summary>
/// The cookies for sign-in. If browsers use TLS, the names begin with __Host-, so that other sites of the domain cannot set the cookies;
/// browsers then require Secure and the path /.
/// </summary>
internal static class SessionCookie
{
    /// <summary>The name of the session cookie, without the prefix.</summary>
    public const string Session = "wombat_session";

    /// <summary>The name of the device cookie, which identifies a browser that has signed in before.</summary>
    public const string Device = "wombat_device";

    private const string Prefix = "__Host-";
    private const int DeviceLength = 43;

    // As long as the database remembers it.
    private static readonly TimeSpan DeviceLifetime = TimeSpan.FromDays(180);

    public static string Name(HttpContext http, string name) => IsSecure(http) ? Prefix + name : name;

    /// <summary>The session's secret; null if there is none.</summary>
    public static string? Read(HttpContext http) => http.Request.Cookies[Name(http, Session)];

    public static void Set(HttpContext http, OpenedSession opened)
    {
        var options = Options(http);
        options.Expires = opened.ExpiresAt;
        http.Response.Cookies.Append(Name(http, Session), opened.Cookie, options);
    }

    public static void Delete(HttpContext http) => http.Response.Cookies.Delete(Name(http, Session), Options(http));

    /// <summary>The value of the device cookie from an earlier sign-in; null if there is none.</summary>
    public static string? ReadDevice(HttpContext http) =>
        http.Request.Cookies[Name(http, Device)] is { Length: DeviceLength } device ? device : null;

    public static string NewDevice() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static void SetDevice(HttpContext http, string device)
    {
        var options = Options(http);
        options.MaxAge = DeviceLifetime;
        http.Response.Cookies.Append(Name(http, Device), device, options);
    }

    public static CookieOptions Options(HttpContext http) =>
        new()
        {
            HttpOnly = true,
            Secure = IsSecure(http),
            SameSite = SameSiteMode.Lax,
            Path = "/",
            IsEssential = true,
        };

    // Also if TLS ends at a proxy whose X-Forwarded-Proto is not trusted.
    private static bool IsSecure(HttpContext http) =>
        http.Request.IsHttps
        || http.RequestServices.GetRequiredService<ApiOptions>().PublicUrl.StartsWith("https:", StringComparison.Ordinal);
}
