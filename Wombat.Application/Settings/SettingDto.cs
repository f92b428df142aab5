namespace Wombat.Application.Settings;

/// <summary>A setting in effect.</summary>
/// <param name="Name">The name, such as jobs.concurrency.</param>
/// <param name="Value">The value; null if there is none, and for a secret.</param>
/// <param name="Secret">Whether the value is a secret, which is never shown.</param>
/// <param name="Source">Where the value comes from.</param>
/// <param name="Variable">The environment variable that sets it; null if none does.</param>
/// <param name="Default">The value without a setting, as the documentation names it.</param>
/// <param name="Description">What it is for.</param>
public sealed record SettingDto(
    string Name,
    string? Value,
    bool Secret,
    SettingSource Source,
    string? Variable,
    string? Default,
    string? Description
);
