using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Projects;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class ProjectBudgetConfiguration : IEntityTypeConfiguration<ProjectBudget>
{
    public void Configure(EntityTypeBuilder<ProjectBudget> builder)
    {
        builder.ToTable("project_budgets");
        builder.HasKey(b => b.ProjectId).HasName("pk_project_budgets");
        builder.Property(b => b.ProjectId).ValueGeneratedNever();
        builder.Property(b => b.Tiers).HasJsonConversion().HasDefaultValueSql("'{}'");
        builder
            .HasOne<Project>()
            .WithOne()
            .HasForeignKey<ProjectBudget>(b => b.ProjectId)
            .HasConstraintName("fk_project_budgets_project")
            .OnDelete(DeleteBehavior.Cascade);
    }
}
