using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>Validates profiles of directories and providers.</summary>
internal static class ExternalProfile
{
    private static readonly UserProfileValidator Validator = new();

    /// <summary>The profile without its invalid fields.</summary>
    /// <param name="report">Called with a sentence for each field that is ignored.</param>
    public static UserProfile Clean(UserProfile profile, Action<string> report)
    {
        foreach (var error in Validator.Validate(profile).Errors.DistinctBy(e => e.PropertyName, StringComparer.Ordinal))
        {
            switch (error.PropertyName)
            {
                case nameof(UserProfile.Email):
                    report($"the e-mail address '{profile.Email}' is ignored: it {error.ErrorMessage}");
                    profile = profile with { Email = null };
                    break;
                case nameof(UserProfile.FullName):
                    report($"the full name '{profile.FullName}' is ignored: it {error.ErrorMessage}");
                    profile = profile with { FullName = "" };
                    break;
            }
        }

        return profile;
    }
}
