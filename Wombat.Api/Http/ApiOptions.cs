using Wombat.Application.Quotas;

namespace Wombat.Api.Http;

/// <summary>The settings that the HTTP layer reads.</summary>
/// <param name="PublicUrl">Where browsers reach Wombat, without a trailing slash.</param>
/// <param name="AnonymousRead">Whether public projects can be read without signing in.</param>
/// <param name="AccessLog">Whether every request is logged, not only those that failed.</param>
internal sealed record ApiOptions(string PublicUrl, bool AnonymousRead, bool AccessLog, RequestLimits Limits);
