using Wombat.Application.Settings;

namespace Wombat.Infrastructure.Configuration;

/// <summary>A setting that was read.</summary>
/// <param name="Value">Null if there is none.</param>
/// <param name="Variable">The name of the environment variable, or of the setting in the file.</param>
/// <param name="Default">Null if the reader has none.</param>
internal sealed record ReadSetting(string Name, string? Value, bool IsSecret, SettingSource Source, string? Variable, string? Default);
