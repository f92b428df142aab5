namespace Wombat.Api.Middleware;

/// <summary>Others write the address of this endpoint, and append what they like.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AllowUnknownQueryAttribute : Attribute;
