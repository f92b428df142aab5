namespace Wombat.Application.Plugins;

/// <summary>The health of a plugin.</summary>
/// <param name="Status">healthy, unhealthy, or unknown before the first check.</param>
/// <param name="Message">What the plugin reported; its details are shown to admins only.</param>
/// <param name="CheckedAt">When it was checked.</param>
/// <param name="AgeSeconds">The age of the check in seconds.</param>
public sealed record PluginHealthDto(string Status, string Message, DateTimeOffset? CheckedAt, double? AgeSeconds);
