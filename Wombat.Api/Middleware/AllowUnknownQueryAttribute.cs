namespace Wombat.Api.Middleware;

/// <summary>Allows unknown query parameters, for URLs to which others append parameters.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AllowUnknownQueryAttribute : Attribute;
