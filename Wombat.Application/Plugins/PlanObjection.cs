namespace Wombat.Application.Plugins;

/// <summary>One thing that prevents a request.</summary>
/// <param name="Field">The field of the request, or plugin.</param>
/// <param name="Message">What prevents it, for people.</param>
public sealed record PlanObjection(string Field, string Message);
