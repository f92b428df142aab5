namespace Wombat.Api.Errors;

/// <summary>Marks an endpoint that browsers open directly, so that its errors are HTML pages.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RendersHtmlErrorsAttribute : Attribute;
