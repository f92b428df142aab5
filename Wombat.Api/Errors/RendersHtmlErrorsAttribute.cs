namespace Wombat.Api.Errors;

/// <summary>Browsers are sent to this endpoint, with people before them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RendersHtmlErrorsAttribute : Attribute;
